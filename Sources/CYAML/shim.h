#ifndef CYAML_SHIM_H
#define CYAML_SHIM_H

#include <yaml.h>

// yaml.h has no version macro. This parameter became const in 0.2.5, the first version that accepts `%YAML 1.2`;
// so its type tells at compile time whether the library is new enough.
_Static_assert(
    _Generic(&yaml_alias_event_initialize, int (*)(yaml_event_t *, const yaml_char_t *): 1, default: 0),
    "libyaml 0.2.5 or newer is needed: apt-get install libyaml-dev");

#endif
