// expect: unknown
// because: the sides leave different contents in r->count; nothing known is broken
#include "interfaces.h"
int start(struct rig *r)
{
//-	r->count = 1;
	r->count = 2; //+
	return 0;
}
