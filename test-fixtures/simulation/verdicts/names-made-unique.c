// expect: nothing
#include "interfaces.h"
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define UNIQUE(name) PASTE(__unique_##name, __COUNTER__)
#define SUM_(x, y) ({ int x = 1; x + y; })
#define SUM(y) SUM_(UNIQUE(x), y)
static int earlier[__COUNTER__ + 1]; //+
int start(struct rig *r)
{
	r->count = SUM(2) + SUM(3) + __LINE__;
	return 0;
}
