/** Width of every line of an explanation: a terminal of 80 columns shows it beside a border. Unit: columns. */
export const TEXT_COLUMNS = 72;
