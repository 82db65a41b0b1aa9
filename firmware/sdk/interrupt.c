#include "aqpim/sdk/interrupt.h"

#include <stddef.h>
#include <stdio.h>

#include "aqpim/sdk/finisher.h"

#define INTERRUPT_BIT (1ull << 63)
#define MSTATUS_MIE 8u

static aqpim_interrupt_handler interrupt_handlers[AQPIM_INTERRUPT_NUMBERS];
static aqpim_exception_handler exception_handlers[AQPIM_EXCEPTION_CAUSES];

void aqpim_set_interrupt_handler(unsigned number, aqpim_interrupt_handler handler) {
    interrupt_handlers[number % AQPIM_INTERRUPT_NUMBERS] = handler;
}

void aqpim_set_exception_handler(unsigned cause, aqpim_exception_handler handler) {
    exception_handlers[cause % AQPIM_EXCEPTION_CAUSES] = handler;
}

static _Noreturn void give_up(uint64_t cause, uint64_t address, uint64_t value) {
    /* A second fault on the way, for want of a console say, must not come back here. */
    static int entered;
    if (entered++ == 0) {
        printf("unhandled trap: mcause 0x%lx, mepc 0x%lx, mtval 0x%lx\n", cause, address, value);
    }
    aqpim_exit_unhandled_trap();
}

/* Called by the trap entry; returns where to go on. */
uint64_t aqpim_trap(uint64_t cause, uint64_t address, uint64_t value) {
    const uint64_t number = cause & ~INTERRUPT_BIT;
    if ((cause & INTERRUPT_BIT) != 0) {
        if (number < AQPIM_INTERRUPT_NUMBERS && interrupt_handlers[number] != NULL) {
            interrupt_handlers[number]();
            return address;
        }
    } else if (number < AQPIM_EXCEPTION_CAUSES && exception_handlers[number] != NULL) {
        return exception_handlers[number](cause, address, value);
    }
    give_up(cause, address, value);
}

void aqpim_enable_interrupt(unsigned number) {
    __asm__ volatile("csrs mie, %0" ::"r"(1ull << number) : "memory");
}

void aqpim_disable_interrupt(unsigned number) {
    __asm__ volatile("csrc mie, %0" ::"r"(1ull << number) : "memory");
}

bool aqpim_interrupt_pending(unsigned number) {
    uint64_t pending;
    __asm__ volatile("csrr %0, mip" : "=r"(pending)::"memory");
    return (pending >> number & 1) != 0;
}

void aqpim_interrupts_on(void) {
    __asm__ volatile("csrsi mstatus, %0" ::"i"(MSTATUS_MIE) : "memory");
}

void aqpim_interrupts_off(void) {
    __asm__ volatile("csrci mstatus, %0" ::"i"(MSTATUS_MIE) : "memory");
}

void aqpim_sleep(void) {
    __asm__ volatile("wfi" ::: "memory");
}
