package hub

import (
	"liaowang/screens"
)

// Story is the screens as they are now, in the order in which they are told.
func (h *Hub) Story() []screens.Screen { return *h.story.Load() }

// Programme is what walls do by themselves, as it is now.
func (h *Hub) Programme() *screens.Programme { return h.programme.Load() }

// Perform lets walls do something else by themselves from now on.
func (h *Hub) Perform(p *screens.Programme) { h.programme.Store(p) }

// Replace shows other screens from now on. Displays of a screen of another edition get a
// snapshot of it; all others notice nothing. A screen that is gone stays with the
// displays that show it, and no further one is given it.
func (h *Hub) Replace(list []screens.Screen) {
	h.mu.Lock()
	h.story.Store(&list)
	changed := map[*stage]*screens.Screen{}
	for scene, s := range h.stages {
		if screen := screens.Find(list, scene.Screen); screen != nil {
			changed[s] = screen
		}
	}
	h.mu.Unlock()
	for s, screen := range changed {
		s.become(screen)
	}
	h.wakeAll()
}

// Faulty notes what is wrong with the files of screens, for Health; empty: nothing is.
func (h *Hub) Faulty(words string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faulty = words
}

// become takes the stage to another edition of its screen. One that cannot be drawn
// leaves it as it is.
func (s *stage) become(screen *screens.Screen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.edition == screen.Edition {
		return
	}
	edition, panels, at, before := s.edition, s.panels, s.at, s.past
	s.edition, s.panels, s.at, s.past = screen.Edition, bare(screen), nil, nil
	p := s.hub.picture.Load()
	if p == nil {
		return
	}
	if _, ok := p.regions.Get(s.scene.Region); !ok {
		return // it is drawn when the region is there
	}
	if err := s.paint(p); err != nil {
		s.hub.Logger.Error("new edition of a screen not drawn", "screen", s.scene.Screen, "region", s.scene.Region, "err", err)
		s.edition, s.panels, s.at, s.past = edition, panels, at, before
		return
	}
	s.tried = p
}
