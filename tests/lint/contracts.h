/* contracts.h: what programs that read C cannot see in one file, for tests/lint/static, which puts
 * this header before each file: a function that reports an error returns its code, and no code is
 * 0 or more. Without that they follow a failed allocation past `if (!rc)`.
 */
#ifndef TT_LINT_CONTRACTS_H
#define TT_LINT_CONTRACTS_H

#include "base/err.h"

#define TT_CODE(call)                                                                              \
    __extension__({                                                                                \
        const int tt_code_ = (call);                                                               \
        if (tt_code_ >= 0) __builtin_unreachable();                                                \
        tt_code_;                                                                                  \
    })

#define tt_fail(...) TT_CODE(tt_fail(__VA_ARGS__))
#define tt_fail_errno(...) TT_CODE(tt_fail_errno(__VA_ARGS__))
#define tt_err_context(...) TT_CODE(tt_err_context(__VA_ARGS__))

#ifdef TT_LINT_CMD
#include "cmd.h"
#define tt_cmd_fail(...) TT_CODE(tt_cmd_fail(__VA_ARGS__))
#define tt_opt_fail(...) TT_CODE(tt_opt_fail(__VA_ARGS__))
#endif
#endif
