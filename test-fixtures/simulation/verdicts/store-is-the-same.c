// expect: unchanged
#include "interfaces.h"
static int mode, steps[3];
static int other = 7;
int start(struct rig *r)
{
	int *at = &other;
//-	mode = 2;
//-	steps[1] = 5;
	steps[1] = *at - 2; //+
	mode = 1 + 1; //+
	r->count = 1;
	return 0;
}
