#pragma once
// Sofia's timers run on the wall clock: set back by an hour, no timer of the stack fires for an hour. This makes its time
// go with the boot clock from its first reading on; nobody of ours asks Sofia for the date. Call before the first root.
// Any thread, any number of times.

namespace dunlin {

void keep_sofia_time_steady();

}  // namespace dunlin
