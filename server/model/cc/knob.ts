/**
 * A question that the architecture or the thread leaves open.
 * While it is `unknown`, every outcome that depends on it is `unknown` too, with the question as reason.
 */
export type Knob = 'yes' | 'no' | 'unknown';
