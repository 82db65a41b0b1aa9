/* Machine-mode traps: handlers for interrupts and exceptions, and sleeping until one is pending. */
#ifndef AQPIM_SDK_INTERRUPT_H
#define AQPIM_SDK_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* Interrupt numbers: bits of mie and mip (RISC-V privileged architecture, mcause values). */
#define AQPIM_INTERRUPT_SOFTWARE 3u
#define AQPIM_INTERRUPT_TIMER 7u
#define AQPIM_INTERRUPT_EXTERNAL 11u
#define AQPIM_INTERRUPT_NUMBERS 16u
#define AQPIM_EXCEPTION_CAUSES 16u

typedef void (*aqpim_interrupt_handler)(void);

/* Returns the address at which the program goes on. */
typedef uint64_t (*aqpim_exception_handler)(uint64_t cause, uint64_t address, uint64_t value);

/* Without a handler, a trap prints mcause, mepc and mtval and ends the run with AQPIM_EXIT_UNHANDLED_TRAP. */
void aqpim_set_interrupt_handler(unsigned number, aqpim_interrupt_handler handler);
void aqpim_set_exception_handler(unsigned cause, aqpim_exception_handler handler);

/* Bits of mie. */
void aqpim_enable_interrupt(unsigned number);
void aqpim_disable_interrupt(unsigned number);

/* Whether an interrupt is pending in mip, enabled or not. */
bool aqpim_interrupt_pending(unsigned number);

/* mstatus.MIE: whether traps are taken. A pending interrupt ends aqpim_sleep() either way, so that "disable, look,
 * sleep, enable" misses none. */
void aqpim_interrupts_on(void);
void aqpim_interrupts_off(void);

/* wfi. */
void aqpim_sleep(void);

#endif
