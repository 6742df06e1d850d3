# Targets for people; `make help` lists them.
SHELL := /bin/bash
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
ARGS ?=
# A module of its own: what the hub is held against is no part of the product.
VERSUS = screens/hub/versus

# Everything is built in one form, so that nothing is compiled twice.
export GOFLAGS += -trimpath
# The race detector leaves QuickJS alone, which is C in Go: it would be ten times slower.
RACE = -race -gcflags=modernc.org/libquickjs=-race=false -gcflags=modernc.org/libc=-race=false

.DEFAULT_GOAL := help
.PHONY: help run build engine test test-go test-js lint deps tools bench bench-fanout soak screenshots scenes clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## Build and run everything on http://127.0.0.1:8080 with the demo province (ARGS="--demo still" …)
	@exec bin/liaowang up $(ARGS)

build: engine ## Build bin/liaowang
	@echo "build: bin/liaowang"
	@go build -trimpath -o bin/liaowang ./cmd/liaowang

engine: tools node_modules/.installed ## Fetch the embedded ClickHouse engine and the JavaScript tools into node_modules

node_modules/.installed: package.json package-lock.json
	@echo "engine: fetching ClickHouse (560 MB on disk, once) and the JavaScript tools"
	@npm ci --no-fund --no-audit --loglevel=error
	@touch $@

tools:
	@for tool in go node npm; do command -v $$tool >/dev/null || { echo "$$tool is not installed: Liaowang needs Go, Node with npm, and make" >&2; exit 1; }; done

deps: ## Install what the tests need: redis-server, Chromium, CJK fonts
	@.ci/deps

test: deps engine lint test-js test-go ## Run every check and test

test-go: deps engine ## Run the Go and browser tests with the race detector
	@# The whole program first: it takes longest. Lint vets, and tables of symbols, which nobody reads here, take long to link.
	@# A package more than there are processors: tests of walls and faults wait for much.
	go test $(RACE) -short -vet=off -ldflags=-s -p $$(($$(nproc) + 1)) -timeout 14m ./cmd/... ./...
	go -C $(VERSUS) test -vet=off ./...

test-js: engine ## Check the browser modules' types and run their tests
	npm run --silent check
	npm test --silent

lint: engine ## gofmt, vet, staticcheck, govulncheck
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); [ -z "$$unformatted" ] || { echo "gofmt would change: $$unformatted"; exit 1; }
	go vet ./...
	go -C $(VERSUS) vet ./...
	$(STATICCHECK) ./...
	.ci/vulncheck

bench: deps engine bench-fanout ## Run the benchmarks
	bin/liaowang bench glass --log warn
	LIAOWANG_BENCH_RECORDING=$(CURDIR)/bin/recording go test -run '^$$' -bench . -benchmem -timeout 30m ./...

bench-fanout: deps build bin/recording ## Measure the hub with many displays, and beside a plain server on centrifuge
	bin/liaowang bench fanout --recording bin/recording --displays 1000 --bad 10 --return 5000 --churn 5000
	bin/liaowang bench fanout --recording bin/recording --displays 10000 --batches 0
	bin/liaowang bench fanout --recording bin/recording --displays 200 --batches 200 --exports 20
	go -C $(VERSUS) build -trimpath -o $(CURDIR)/bin/versus .
	bin/versus --recording bin/recording

# The batches that are published, recorded anew when figures or province are others.
bin/recording: $(shell find queries aggregator/demo -name '*.sql' -o -name '*.yaml' -o -name '*.csv') | build
	@rm -f $@
	bin/liaowang bench fanout --recording $@ --displays 10 --batches 0 --log warn

soak: deps engine bin/recording ## Run the long tests: a delivery of 5 GiB at flat memory, many more kills, faults and batches, 100,000 displays that come and go, 50,000 batches in a browser, LibreOffice on what is exported
	bin/liaowang bench fanout --recording bin/recording --displays 1000 --batches 300 --bad 10 --churn 100000
	LIAOWANG_BENCH_RECORDING=$(CURDIR)/bin/recording go test ./cmd/liaowang -run TestAWallKeepsItsMemory -glass-batches 50000 -timeout 60m -v
	go test ./aggregator/intake -run 'TestMemoryIsFlat|IsExact' -soak 5 -timeout 90m -v
	go test $(RACE) ./screens/hub -run 'Churn|Frozen' -soak 5 -timeout 60m -v
	@# What make test leaves out or shortens with -short.
	go test $(RACE) ./aggregator ./aggregator/demo ./cmd/liaowang -run 'SmallCellOfTheDemo|WriterWhoNeverPauses|GivenBackAsItWasShown|LiveMoves|LiveSurvives|StillStarts|LosesAndDoubles|Deterministic|BenchFanoutMeasures|BenchGlassMeasures' -timeout 60m -v
	go test ./aggregator/faults -run 'NoFault|NoFailOver' -faults 300 -timeout 60m -v
	go test ./aggregator/faults -run WritersOverAll -cut-batches 1000 -timeout 120m -v
	go test ./aggregator/faults -run '^$$' -bench Replacement -benchtime 20x -timeout 60m
	.ci/deps office
	go test ./cmd/liaowang -run LibreOffice -office -v

screenshots: deps engine ## Take pictures of every screen into docs; pictures of all displays with LOOK=DIR
	go test ./cmd/liaowang -count 1 -run TestScreens/every -look-dir $(CURDIR)/docs -look-small
	$(if $(LOOK),go test ./cmd/liaowang -count 1 -run TestScreens -look-dir $(abspath $(LOOK)))

scenes: deps engine ## Record anew the scenes of the demo province that drawing is tested with
	go test ./cmd/liaowang -count 1 -run TestRecordScenes -record-scenes $(CURDIR)/screens/export/draw/testdata/scenes.ndjson.gz

clean: ## Remove what was built; data stays
	rm -rf bin
