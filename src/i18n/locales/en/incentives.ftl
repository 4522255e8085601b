# Refusals about incentives. A sentence says what to do.
service-months-reversed = The service months end before they begin. Put the earlier day into from and the later one into to.
