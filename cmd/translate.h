/* translate.h: between the files of `ttrans translate`.
 */
#ifndef TT_CMD_TRANSLATE_H
#define TT_CMD_TRANSLATE_H

#include "opt.h"

#define TT_CMD_SAMPLING "full|topk|topp|temperature"

/* The words of --sampling, Marian's: full [T], topk [K [T]], topp [P [T]], temperature T, or a
   number, T. */
int tt_cmd_read_sampling(tt_translate_options *t, const tt_list *words, tt_err *e);

enum { LANGUAGE_MOST = 3 }; /* letters of a code */

/* Languages as --direction says them, or else the model's name, en-es.ttm; from, to (LANGUAGE_MOST
   + 1) keep them. A target that was named goes before. */
void tt_cmd_read_languages(tt_translate_options *t, char *from, char *to, const char *direction,
                           const char *model, const char *target);

/* One rank's part of `mpirun ttrans translate`: rank 0 reads and writes. */
struct tt_comm;
int tt_cmd_deal(tt_translator *t, struct tt_comm *c, const char *input, const char *output,
                tt_translate_stats *stats, tt_err *e);

/* A progress line; ctx: the input's bytes as a double, 0 when not known. */
void tt_cmd_report_progress(void *ctx, const tt_translate_stats *s);

/* The size of plain files together, which says how far the work is; 0 if one is anything else. */
double tt_cmd_plain_size(const tt_list *paths);

void tt_cmd_warn_of_repairs(const tt_translate_stats *s);
void tt_cmd_print_stats(const tt_translate_stats *s, int threads); /* threads: asked for; 0: all */

#endif
