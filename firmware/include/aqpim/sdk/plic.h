/* External interrupts: the PLIC, and a table of handlers by source. */
#ifndef AQPIM_SDK_PLIC_H
#define AQPIM_SDK_PLIC_H

#include <stdbool.h>
#include <stdint.h>

typedef void (*aqpim_source_handler)(void* context);

/* Calls `handler` for each interrupt of `source` (1 to 95) from now on. False if there is no such source or no PLIC. */
bool aqpim_plic_attach(uint32_t source, aqpim_source_handler handler, void* context);

#endif
