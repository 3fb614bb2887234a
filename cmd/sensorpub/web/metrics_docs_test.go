package web

import (
	"os"
	"regexp"
	"testing"
)

func TestMetricsInTheDocsExist(t *testing.T) {
	page, err := os.ReadFile("../../../docs/integrations.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bsensorpub_\w+`).FindAllString(string(page), -1)
	if len(named) == 0 {
		t.Fatal("no metric is named")
	}
	there := metricsOf(t, well())
	for _, name := range named {
		if there.kinds[name] == "" {
			t.Errorf("there is no metric %s", name)
		}
	}
}
