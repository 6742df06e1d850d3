package demo

// cell is one published figure: a code with its households and persons.
type cell struct {
	code                string
	households, persons int
}

// figures are the published figures of the province that the demo reproduces,
// exactly. Where only households are published, persons is 0.
type figures struct {
	types       []cell // monitored households by type; they add up to the total
	eliminated  cell   // inside the total
	stabilities []cell // registered households, as counted
	// unexplained is what the province reports beyond its counted registered
	// households. It is left as it is, never adjusted.
	unexplained cell
	channels    []cell // all leads
	stages      []cell // open leads; the other leads are recognised or closed
}

func published() figures {
	return figures{
		types: []cell{
			{"unstable_lifted", 2101, 8497},
			{"marginal_poor", 4669, 17693},
			{"sudden_hardship", 5764, 21636},
		},
		eliminated: cell{"eliminated", 3695, 14571},
		stabilities: []cell{
			{"monitored_after_lifting", 3194, 12358},
			{"relatively_stable", 77053, 328512},
			{"stable", 71184, 307201},
		},
		unexplained: cell{"registered", 1, 2},
		channels: []cell{
			{code: "self_report", households: 338},
			{code: "grassroots", households: 8258},
			{code: channelDepartment, households: 10168},
			{code: "other", households: 2},
		},
		stages: []cell{
			{code: stageHouseholdCheck, households: 5776},
			{code: stageVillageReview, households: 8872},
			{code: stageTownshipCheck, households: 125},
			{code: stageCountyDecision, households: 10},
		},
	}
}

// sum adds the households and persons of cells.
func sum(cells []cell) (households, persons int) {
	for _, c := range cells {
		households += c.households
		persons += c.persons
	}
	return households, persons
}

// Codes of the schema that the demo decides by.
const (
	stageHouseholdCheck = "household_check"
	stageVillageReview  = "village_review"
	stageTownshipCheck  = "township_check"
	stageCountyDecision = "county_decision"
	stageRecognised     = "recognised"
	stageClosed         = "closed"

	channelDepartment = "department"

	stateMonitored  = "monitored"
	stateEliminated = "eliminated"

	eventEliminated = "eliminated"
	eventRolledBack = "rolled_back"

	// assisted is how a risk was eliminated where nothing else is said.
	assisted = "assisted"

	assetInUse    = "in_use"
	assetDisposed = "disposed"
)
