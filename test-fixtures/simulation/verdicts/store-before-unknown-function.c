// expect: unknown
// because: the sides leave different contents in r->count; nothing known is broken
#include "interfaces.h"
void tell(struct rig *r);
void start(struct rig *r)
{
//-	r->count = 1;
	r->count = 2; //+
	tell(r);
}
