// expect: unknown
#include "interfaces.h"
int start(struct rig *r)
{
//-	r->count = 1;
	r->count = 2; //+
	return 0;
}
