// expect: unknown
// because: no difference in what was understood of start\(\)
// compiles: no
#include "interfaces.h"
int start(struct rig *r)
{
	int count = 1;

	if (0)
		r->named_otherwise = 1;
//-	count = count + 1;
	count += 1; //+
	return count;
}
