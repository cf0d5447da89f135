// The parts of the system's libsystemd that prefd calls.
#pragma once

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
