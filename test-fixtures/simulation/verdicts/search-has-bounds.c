// expect: unknown
// because: no difference in \d+ environments, which rest on assumptions; others were not run
#include "interfaces.h"
struct many { int n[12]; };
int count(struct many *m)
{
	int found = 0;
	for (int i = 0; i < 12; i++)
//-		if (m->n[i])
//-			found++;
		found += m->n[i] ? 1 : 0; //+
	return found;
}
