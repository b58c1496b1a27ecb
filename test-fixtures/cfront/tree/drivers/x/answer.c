int ask_device(int which);

static int scale(int value)
{
	return value * 6;
}

int known(void)
{
	return scale(7);
}

int asked(void)
{
	if (ask_device(1) < 0)
		return 1;
	return 2;
}

int halts(void)
{
	asm volatile("hlt");
	return 0;
}
