static int pt_walk(struct pt_range *range)
{
	return range->top;
}
