// expect: unknown
// because: the sides leave different contents in mode; nothing known is broken
#include "interfaces.h"
static int mode;
int start(void)
{
//-	mode = 1;
	mode = 2; //+
	return 0;
}
