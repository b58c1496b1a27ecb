// expect: unknown
#include "interfaces.h"
int map(struct rig *r)
{
//-	__u64 length = r->length + 0x100000000ULL;
	__u32 length = r->length + 0x100000000ULL; //+
	r->length = length;
	return 0;
}
