//! Everything at the same time, at a fixed rate each: messages between two and into groups, pages of history, people
//! who come and go, and sockets that say nothing.

use std::net::SocketAddr;
use std::time::Duration;

use crate::clock::{SECOND_NS, now_ns, number};
use crate::crowd::Crowd;
use crate::group;
use crate::net::{Answer, Client, Incoming, Net, Place};
use crate::pace::{Pace, Schedule, turn_of};
use crate::report::Report;
use crate::requests::{Questions, Requests};
use crate::returning::{Manner, Returning};
use crate::run::{Bench, Common, Watch, Window};
use crate::talk::Talk;
use crate::witness::Witness;
use crate::world::{Person, Target, pairs};

/// Bytes of a text.
const TEXT_BYTES: usize = 100;
/// Messages of a page, the newest ones.
const PAGE_MESSAGES: usize = 50;
/// People on the way at the same time.
const ON_THE_WAY_MAX: usize = 256;
/// How long answers may take after the last operation.
const DRAIN_NS: u64 = 10 * SECOND_NS;
/// After so long, no event is on its way any more.
const SETTLE_NS: u64 = 2 * SECOND_NS;
/// A turn ends after this, so that the end of a phase is seen.
const TURN: Duration = Duration::from_millis(5);

/// Who is there and what they do.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Profile {
    /// Pairs of people who write to each other
    #[arg(long, default_value_t = 400)]
    pairs: usize,
    /// Groups; their members are the people of the pairs
    #[arg(long, default_value_t = 20)]
    groups: usize,
    /// Members of each group
    #[arg(long, default_value_t = 20)]
    members: usize,
    /// Messages per second, of which every fifth goes into a group
    #[arg(long, default_value_t = 4_000)]
    rate: u64,
    /// Pages of history per second
    #[arg(long, default_value_t = 500)]
    pages: u64,
    /// People who lose their connection and come back, per second
    #[arg(long, default_value_t = 50)]
    reconnects: u64,
    /// People whose sockets say nothing; they are those who come and go
    #[arg(long, default_value_t = 2_000)]
    idle: usize,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            pairs: 400,
            groups: 20,
            members: 20,
            rate: 4_000,
            pages: 500,
            reconnects: 50,
            idle: 2_000,
        }
    }
}

/// Connections that ask for pages.
const READERS: usize = 32;
/// Of five messages one goes into a group: so many of five people write there.
const GROUP_PART: usize = 5;

/// Runs the profile.
pub(crate) fn measure(common: &Common, profile: &Profile) -> anyhow::Result<Vec<Report>> {
    let talkers = profile.pairs * 2;
    let (bench, people) = common.people(talkers + profile.idle)?;
    let (talking, silent) = people.split_at_checked(talkers).unwrap_or_default();
    let (targets, listeners) = targets(bench.server.address, talking, profile)?;
    let mut net = Net::new(bench.server.address)?;
    let crowd = Crowd::open(&mut net, talking)?;
    let mut talk = Talk::new(crowd, targets, (Pace::Open(profile.rate), TEXT_BYTES));
    if common.check {
        talk.witness(talking, listeners.into_iter());
    }
    let tokens = silent.iter().map(|person| person.token.clone());
    let mut coming = Returning::new(tokens, (Manner::Hot, ON_THE_WAY_MAX));
    coming.arrive(&mut net)?;
    coming.change(Manner::Hot);
    let newest = Newest {
        host: bench.server.address,
        people: talking,
        targets: pairs(talking),
        turn: 0,
        asked: vec![(0, 0); READERS],
        witness: common.check.then(|| Witness::new(talking)),
    };
    let mut reading = Requests::new(newest, Pace::Open(profile.pages));
    reading.open(&mut net, READERS)?;
    let mut mixed = Mixed { talk, reading, coming, schedule: None };
    let report = mixed.run(&bench, &mut net, profile)?;
    let mut reports = vec![report];
    reports.extend(mixed.judge(&bench, &mut net, talking)?);
    bench.server.stop()?;
    Ok(reports)
}

/// Where each of the talkers sends to, and who should miss nothing of what.
type Targets = (Vec<Target>, Vec<(Place, domain::ConversationId)>);

fn targets(address: SocketAddr, people: &[Person], profile: &Profile) -> anyhow::Result<Targets> {
    let mut targets = pairs(people);
    let mut listeners: Vec<_> =
        targets.iter().map(|target| target.conversation).enumerate().collect();
    for (index, members) in
        people.chunks_exact(profile.members.max(1)).take(profile.groups).enumerate()
    {
        let group = group::found(address, members)?;
        let first = index * profile.members;
        listeners.extend((first..first + profile.members).map(|at| (at, group)));
        let in_group = targets.iter_mut().skip(first).take(profile.members);
        in_group.step_by(GROUP_PART).for_each(|target| *target = Target::group(group));
    }
    Ok((targets, listeners))
}

/// Everybody together, told apart by their places.
struct Mixed<'a> {
    talk: Talk,
    reading: Requests<Newest<'a>>,
    coming: Returning,
    schedule: Option<Schedule>,
}

impl Mixed<'_> {
    fn run(&mut self, bench: &Bench, net: &mut Net, profile: &Profile) -> anyhow::Result<Report> {
        let before = bench.server.counters()?;
        let mut watch = Watch::begin(bench);
        self.begin(net, watch.started_ns, watch.window);
        self.schedule = Pace::Open(profile.reconnects).schedule(watch.started_ns);
        while watch.goes_on() {
            self.do_due(net)?;
            net.turn(self, Duration::ZERO)?;
        }
        self.talk.end();
        self.reading.end();
        self.schedule = None;
        let deadline = now_ns() + DRAIN_NS;
        while !(self.talk.is_quiet() && self.reading.is_quiet()) && now_ns() < deadline {
            self.do_due(net)?;
            net.turn(self, TURN)?;
        }
        self.talk.crowd.ensure_all_open()?;
        let after = bench.server.counters()?;
        let mut report = Report::new("mixed", profile.words());
        self.talk.report(&mut report);
        self.reading.report(&mut report, "page");
        let rate = number(self.coming.returned_in_window) / watch.window.seconds();
        report.add("came back", rate, "per s");
        report.times("lost → ready", &self.coming.times);
        report.count("refused or lost on the way", self.coming.failed);
        watch.report_cpu(&mut report, &[]);
        if bench.server.is_ours() && self.talk.tally.acked > 0 {
            let syncs = number((after.syncs - before.syncs) * 1_000);
            let each = syncs / number(self.talk.tally.acked);
            report.add("fsyncs", each, "per 1,000 messages");
        }
        Ok(report)
    }

    fn begin(&mut self, net: &mut Net, started_ns: u64, window: Window) {
        self.talk.begin(net, started_ns, window);
        self.reading.begin(started_ns, window);
        self.coming.window = window;
    }

    fn do_due(&mut self, net: &mut Net) -> anyhow::Result<()> {
        self.talk.say_due(net);
        self.reading.ask_due(net)?;
        let now = now_ns();
        while let Some(due) = self.schedule.as_mut().and_then(|schedule| schedule.next(now)) {
            let index = turn_of(due.number, self.coming.count());
            self.coming.lose(net, index, due.intended_ns);
        }
        self.coming.depart(net)
    }

    fn judge(
        &mut self,
        bench: &Bench,
        net: &mut Net,
        people: &[Person],
    ) -> anyhow::Result<Option<Report>> {
        let until = now_ns() + SETTLE_NS;
        while now_ns() < until {
            net.turn(self, TURN)?;
        }
        let Some(mut witness) = self.talk.take_witness() else { return Ok(None) };
        if let Some(pages) = self.reading.questions.witness.take() {
            witness.append(pages);
        }
        witness.judge(bench.server.address, people).map(Some)
    }
}

impl Client for Mixed<'_> {
    fn incoming(&mut self, net: &mut Net, at: Place, incoming: Incoming<'_>) {
        if self.reading.owns(at) {
            self.reading.incoming(net, at, incoming);
        } else if self.coming.owns(at) {
            self.coming.incoming(net, at, incoming);
        } else {
            self.talk.incoming(net, at, incoming);
        }
    }
}

impl Profile {
    fn words(&self) -> String {
        let Self { pairs, groups, members, rate, pages, reconnects, idle } = self;
        format!(
            "{pairs} pairs, {groups} groups of {members}, {rate} messages, {pages} pages and {reconnects} reconnects per \
             second at intended times, {idle} silent sockets"
        )
    }
}

/// Asks for the newest page of a direct conversation, as one who opens it.
struct Newest<'a> {
    host: SocketAddr,
    people: &'a [Person],
    targets: Vec<Target>,
    turn: u64,
    /// Who asks on each connection, and since when.
    asked: Vec<(Place, u64)>,
    witness: Option<Witness>,
}

impl Questions for Newest<'_> {
    fn write(&mut self, connection: usize, out: &mut Vec<u8>) {
        let reader = turn_of(self.turn, self.people.len());
        self.turn += 1;
        let (host, person) = (self.host, self.people.get(reader));
        let Some((person, target)) = person.zip(self.targets.get(reader)) else { return };
        if let Some(asked) = self.asked.get_mut(connection) {
            *asked = (reader, now_ns());
        }
        let (id, token) = (target.conversation, &person.token);
        let request = format!(
            "GET /message/history?conversation_id={id}&limit={PAGE_MESSAGES} HTTP/1.1\r\n\
             Host: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        out.extend_from_slice(request.as_bytes());
    }

    fn answered(&mut self, connection: usize, answer: Answer<'_>) {
        let asked = self.asked.get(connection).copied();
        if let (Some(witness), Some((reader, asked_ns))) = (&mut self.witness, asked)
            && answer.status == 200
            && let Some(target) = self.targets.get(reader)
        {
            witness.page((reader, target.conversation), answer.body, asked_ns);
        }
    }
}
