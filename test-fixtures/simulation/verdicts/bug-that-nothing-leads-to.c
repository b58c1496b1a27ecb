// Where nothing is asked, invented or fails, a BUG() that is new is what the change did.
// expect: newly-broken C-CRASH
// because: BUG in rig_check
#include "interfaces.h"

static int rig_check(void)
{
	unsigned int lowest = 4096;
//-	unsigned int highest = 8192;
	unsigned int highest = 1024; //+

	BUG_ON(lowest > highest);
	return 0;
}
