/* Time since reset, from the CLINT's mtime. */
#ifndef AQPIM_SDK_TIME_H
#define AQPIM_SDK_TIME_H

#include <stdint.h>

/* Nanoseconds, in steps of the timebase (100 ns on `virt`); always 0 on a machine without a CLINT. */
uint64_t aqpim_time_ns(void);

/* Raises the timer interrupt after `delay_ns`. Enable AQPIM_INTERRUPT_TIMER to see it. */
void aqpim_timer_start(uint64_t delay_ns);

/* Takes the timer interrupt back. */
void aqpim_timer_stop(void);

/* Sleeps for at least `delay_ns`, with the timer interrupt, which is the program's own again afterwards. Other
 * interrupts are taken meanwhile, if they are on. Returns at once on a machine without a CLINT. */
void aqpim_delay_ns(uint64_t delay_ns);

#endif
