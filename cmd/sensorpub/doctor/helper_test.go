package doctor

import (
	"time"
)

// patience bounds every wait for something that will happen.
const patience = time.Minute
