package drivers

import (
	"math"
	"testing"
)

// The data sheet's table 9 for a PT100 and 400 Ω: temperature and code.
var table31865 = [][2]int{
	{-200, 1517},
	{-175, 2394},
	{-150, 3254},
	{-125, 4101},
	{-100, 4936},
	{-75, 5762},
	{-50, 6579},
	{-40, 6903},
	{-30, 7227},
	{-20, 7550},
	{-10, 7871},
	{0, 8192},
	{10, 8512},
	{20, 8830},
	{30, 9148},
	{40, 9465},
	{50, 9781},
	{60, 10096},
	{70, 10410},
	{80, 10723},
	{90, 11035},
	{100, 11346},
	{110, 11657},
	{120, 11966},
	{130, 12274},
	{140, 12582},
	{150, 12888},
	{160, 13194},
	{170, 13498},
	{180, 13802},
	{190, 14104},
	{200, 14406},
	{225, 15156},
	{250, 15901},
	{275, 16639},
	{300, 17371},
	{325, 18098},
	{350, 18818},
	{375, 19533},
	{400, 20242},
	{425, 20945},
	{450, 21642},
	{475, 22333},
	{500, 23018},
	{525, 23697},
	{550, 24370},
}

// The table's codes are the nearest to its temperatures, and a code's
// temperature is nowhere further off than half a code.
func TestRTDAgreesWithTheDataSheet(t *testing.T) {
	for _, row := range table31865 {
		want, code := float64(row[0]), row[1]
		if got := math.Round(rtdRatio(want) / 4 * 32768); got != float64(code) {
			t.Errorf("%v °C: got code %v, want %d", want, got, code)
		}
		got, next := rtdCelsius(float64(code)/32768*4), rtdCelsius(float64(code+1)/32768*4)
		if half := (next - got) / 2 * 1.001; math.Abs(got-want) > half {
			t.Errorf("code %d: got %v °C, want %v within %.4f", code, got, want, half)
		}
	}
}

// The resistances of IEC 60751, table 1, in Ω.
func TestRTDAgreesWithTheStandard(t *testing.T) {
	for celsius, ohms := range map[float64]float64{
		-200: 18.52, -150: 39.72, -100: 60.26, -50: 80.31, -0.5: 99.80, 0: 100, 0.5: 100.20, 50: 119.40,
		100: 138.51, 200: 175.86, 400: 247.09, 600: 313.71, 850: 390.48,
	} {
		if got := 100 * rtdRatio(celsius); math.Abs(got-ohms) > 0.005 {
			t.Errorf("%v °C: got %v Ω, want %v", celsius, got, ohms)
		}
	}
}

// Over the whole range the temperature of a code leads back to it.
func TestRTDCelsiusInvertsRatio(t *testing.T) {
	last := math.Inf(-1)
	for code := 1517; code < 31986; code++ { // -200 to 850 °C
		celsius := rtdCelsius(float64(code) / 32768 * 4)
		if got := rtdRatio(celsius) / 4 * 32768; math.Abs(got-float64(code)) > 1e-6 {
			t.Fatalf("code %d: got %v back from %v °C", code, got, celsius)
		}
		if celsius <= last {
			t.Fatalf("code %d: got %v °C, want more than %v", code, celsius, last)
		}
		last = celsius
	}
}
