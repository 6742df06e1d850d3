// Package fresh measures how long a row needs until its batch can be read: from the
// return of its insert to the moment at which a reader of Redis holds the frame that
// shows it. It writes into the database that it is given, and is for provinces that
// are there to be measured.
package fresh
