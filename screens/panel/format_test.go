package panel

import "testing"

func TestNumbersAsPeopleReadThem(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 2: "2", 999: "999", 1000: "1,000", 12534: "12,534", 648073: "648,073", 1234567: "1,234,567", -1234: "-1,234", 0.5: "0.50", 1e15: "1,000,000,000,000,000"} {
		if got := count(v); got != want {
			t.Errorf("count(%v) = %q, want %q", v, got, want)
		}
	}
	for yuan, want := range map[float64]string{0: "0元", 9999: "9,999元", 10000: "1.0万元", 12345678: "1,234.6万元", 99_999_499: "9,999.9万元", 99_999_500: "1.00亿元", 9132045600: "91.32亿元", -25000: "-2.5万元"} {
		if text, unit := money(yuan, moneyUnit(yuan)); text+unit != want {
			t.Errorf("money(%v) = %q, want %q", yuan, text+unit, want)
		}
	}
	if text, _ := money(1, 1e8); text != "<0.01" {
		t.Errorf("a yuan in 亿元 reads %q: what is not zero must not read as zero", text)
	}
	for share, want := range map[float64]string{0: "0%", 1: "100%", 0.0001: "<0.1%", 0.99999: ">99.9%", 0.4599: "46.0%"} {
		if got := percent(share); got != want {
			t.Errorf("percent(%v) = %q, want %q", share, got, want)
		}
	}
}
