/* Finds the GPU and, if keys and values are to be in its memory, the PIM device, and sets their queues up. */
#ifndef AQPIM_APP_DEVICES_H
#define AQPIM_APP_DEVICES_H

#include "run.h"

/* Enumerates PCIe and fills in the queues, the PIM memory's geometry and addresses. Prints what it finds; false, with a
 * message, if a device is missing or refuses its set-up. */
bool open_devices(struct run* run);

/* PCIe functions that have received a poisoned TLP, whose data is lost. Of a posted write the sender does not hear it.
 */
uint32_t count_poisoned_functions(void);

/* Writes whole 64-bit words to this address of the PIM memory. They arrive before what is later submitted to the PIM
 * device's queue. */
void write_pim_memory(struct run* run, uint64_t address, const void* words, uint32_t bytes);

#endif
