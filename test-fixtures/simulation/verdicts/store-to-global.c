// expect: unknown
#include "interfaces.h"
static int mode;
int start(void)
{
//-	mode = 1;
	mode = 2; //+
	return 0;
}
