// expect: not-simulated
// because: undeclared RIG_MODE
// compiles: no
#include "interfaces.h"
int start(struct rig *r, void *p)
{
	switch (r->count) {
	case RIG_MODE:
		return 0;
	default:
		r->dma = dma_map_single_attrs(r->dev, p, 64, 1, 0);
//-		if (dma_mapping_error(r->dev, r->dma))
//-			return -12;
		return 0;
	}
}
