package wrongqueueexception

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/ruletest"
)

func TestRule(t *testing.T) { ruletest.Run(t, Rule) }
