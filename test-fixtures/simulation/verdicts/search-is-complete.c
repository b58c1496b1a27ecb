// expect: unknown
// because: no difference in 2 environments, which rest on assumptions$
#include "interfaces.h"
int count(struct rig *r)
{
//-	if (r->pio)
//-		return 1;
//-	return 0;
	return r->pio ? 1 : 0; //+
}
