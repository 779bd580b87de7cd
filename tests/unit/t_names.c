/* t_names.c: tensors by patterns. */
#include "train/names.h"

#include <string.h>

#include "unit/test.h"

int main(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_model *m = NULL;
    CHECK(!tt_names_have(NULL, "emb") && !tt_names_have("", "emb") && !tt_names_have(", ,", "emb"));
    CHECK(tt_names_have("emb", "emb") && !tt_names_have("emb", "src.emb") &&
          tt_names_have("*emb", "src.emb"));
    CHECK(tt_names_have("out.b, enc.*", "enc.0.self.qkv.w") &&
          !tt_names_have("out.b, enc.*", "dec.0.self.qkv.w"));
    CHECK(tt_names_have("dec.[01].*", "dec.1.ffn.1.w") &&
          !tt_names_have("dec.[01].*", "dec.2.ffn.1.w"));
    tt_hyper_init(&h);
    CHECK(!tt_hyper_finish(&h, 100, &e) && !tt_model_open(&m, &h, NULL, NULL, &e), "%s", e.msg);
    CHECK(!tt_names_check(NULL, m, "--freeze", &e) &&
              !tt_names_check("emb,enc.2.*", m, "--freeze", &e),
          "%s", e.msg);
    CHECK(tt_names_check("emb,enc.3.*", m, "--freeze", &e) == TT_ECONFIG &&
              strstr(e.msg, "--freeze: no tensor of the model is called 'enc.3.*'"),
          "%s", e.msg);
    tt_model_close(m);
    return test_done("t_names");
}
