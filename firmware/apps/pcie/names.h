#ifndef AQPIM_APPS_PCIE_NAMES_H
#define AQPIM_APPS_PCIE_NAMES_H

#include <stdint.h>

/* Names of capabilities, extended capabilities and device/port types; null if unknown. */
const char* capability_name(uint8_t id);
const char* extended_capability_name(uint16_t id);
const char* port_type_name(uint32_t type);

#endif
