// Where the tests' own files lie. Named in one object (main.cpp), so that all others compile alike in every checkout and ccache serves them.
#pragma once

namespace tests {
extern const char* const folder;
}
