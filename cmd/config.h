/* config.h: options in a file, and options as a file.
 *
 *     tt_opt_shared shared = {0};
 *     tt_config config = {0};
 *     int rc = tt_opt_parse(cmd, opts, &shared, argc, argv, e);
 *     if (!rc && shared.config.count) rc = tt_config_read(&config, cmd, opts, &shared, argc, argv,
 *       e);
 *     …                                   // *opts points into config
 *     tt_config_free(&config);
 *
 * The form is that of Marian's decoder.yml: NAME: VALUE, a list as [A, B] or as lines "- A"
 * (port/yaml.h). A name is any long name of an option without its dashes; a flag is true or false.
 * An option whose value may be left out takes true (without quotes) for standing alone, and false
 * for not being there, as an empty value is for all.
 */
#ifndef TT_CMD_CONFIG_H
#define TT_CMD_CONFIG_H

#include "opt.h"

enum { TT_CONFIG_OFF, TT_CONFIG_MINIMAL, TT_CONFIG_FULL }; /* the words of --dump-config */

/* Owns the text of the files. Zeroed, it is empty. */
typedef struct tt_config {
    struct tt_arena *arena;
} tt_config;

/* Sets *opts anew: defaults, then the files of shared->config, the later before the earlier, then
   argv. An option that stands in argv is left out of the files. TT_EUSAGE, with file and line, for
   a name that is none or a wrong value; TT_ENOINPUT, TT_EFORMAT for a file that cannot be read. */
int tt_config_read(tt_config *config, const tt_cmd *cmd, void *opts, tt_opt_shared *shared,
                   int argc, char **argv, tt_err *e);
void tt_config_free(tt_config *config);

/* Prints the options, operands left out, in that form: those that are not the defaults; if `full`,
   the defaults too, as a comment where a default has no value to write. */
int tt_config_print(const tt_cmd *cmd, const void *opts, int full, FILE *out, tt_err *e);

#endif
