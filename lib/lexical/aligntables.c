#include "ttrans.h"
int tt_aligner_save(const tt_aligner *a, const char *path, tt_err *e){(void)a,(void)path,(void)e;return 0;}
int tt_aligner_load(tt_aligner *a, const char *path, tt_err *e){(void)a,(void)path,(void)e;return 0;}
