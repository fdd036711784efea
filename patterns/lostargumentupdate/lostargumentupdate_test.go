package lostargumentupdate

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/ruletest"
)

func Test(t *testing.T) { ruletest.Run(t, Rule) }
