// expect: unknown
// because: no difference in \d+ environments
#include "interfaces.h"
void tell(struct rig *r);
int start(struct rig *r)
{
	r->entries = 1;
	tell(r);
//-	return r->count == 5 || r->mapped == 2 ? 0 : 0;
	return r->mapped == 2 || r->mapped == 3 ? 0 : 0; //+
}
