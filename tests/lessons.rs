//! The lessons keep their promises: solutions solve, nothing else does, every figure is true.

use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::lessons::{
    Catalogue, Entry, Files, Lesson, Moves, Record, Saved, Session, Span, audit_claims,
    audit_files, audit_moves, audit_solution, play, play_moves,
};
use ackademy::runner::lesson_files;
use ackademy::simulation::{Subject, Timeline};
use ackademy::ui::model::Route;

/// Every solution is played under these seeds.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;
/// Right and wrong moves take many runs, so they are tried under fewer.
const FEW_SEEDS: std::ops::RangeInclusive<u64> = 1..=2;

fn lessons() -> Vec<Lesson> {
    let catalogue = Catalogue::embedded();
    catalogue.playable().map(lesson_of).collect()
}

fn lesson_of(entry: &Entry) -> Lesson {
    let lesson = Lesson::from_files(&entry.folder(), &files(entry));
    lesson.unwrap_or_else(|error| panic!("{error}"))
}

/// A lesson in all languages.
fn translations(entry: &Entry) -> Vec<Lesson> {
    let files = files(entry);
    let languages = Lesson::languages(&files).into_iter();
    let lesson = |language| Lesson::translated(&entry.folder(), &files, language);
    languages.map(lesson).map(|it| it.unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// Looks at every lesson, on all processors, and fails with all that was found.
fn every_lesson(look: impl Fn(&Entry) -> Vec<String> + Sync) {
    let entries: Vec<Entry> = Catalogue::embedded().playable().cloned().collect();
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    faults.lock().expect("no look panics").extend(look(entry));
                }
            });
        }
    });
    no_faults(faults.into_inner().expect("no look panics"));
}

/// The files of a lesson as its author wrote them.
fn files(entry: &Entry) -> Files {
    files_in(&entry.folder())
}

fn files_in(folder: &str) -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons").join(folder);
    lesson_files(&root).unwrap_or_else(|error| panic!("{error}"))
}

fn no_faults(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_is_complete_and_in_its_place() {
    let catalogue = Catalogue::embedded();
    for entry in catalogue.playable() {
        no_faults(audit_files(entry, &files(entry)));
    }
}

#[test]
fn the_curriculum_has_26_lessons_in_order() {
    let catalogue = Catalogue::embedded();
    let numbers: Vec<u32> = catalogue.entries().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=26).collect::<Vec<u32>>());
    assert_eq!(catalogue.chapters.len(), 6);
    let known: Vec<String> = catalogue.entries().map(Entry::folder).collect();
    for folder in catalogue.folders() {
        assert!(known.contains(&folder), "lessons/{folder} is no lesson of the curriculum");
    }
}

#[test]
fn the_folders_that_are_embedded_are_those_on_disk() {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let on_disk = std::fs::read_dir(place).expect("the folder of lessons is there");
    let folders = on_disk.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let mut on_disk: Vec<String> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let mut embedded = Catalogue::embedded().folders();
    on_disk.sort();
    embedded.sort();
    // The compiler does not notice a new folder by itself.
    assert_eq!(embedded, on_disk, "touch src/lessons/catalogue.rs and build again");
}

#[test]
fn a_lesson_to_come_is_a_title_and_says_so() {
    let catalogue = Catalogue::embedded();
    let coming = catalogue.entries().find(|entry| !entry.available);
    if let Some(entry) = coming {
        let error = catalogue.lesson(&entry.slug).expect_err("it is not written");
        assert!(error.to_string().contains("not written yet"), "{error}");
    }
    let error = catalogue.lesson("nothing").expect_err("there is no such lesson");
    assert!(error.to_string().contains("the-chain"), "{error}");
}

#[test]
fn every_solution_solves_and_every_figure_is_true_under_20_seeds() {
    every_lesson(|entry| {
        let lessons = translations(entry);
        lessons
            .iter()
            .flat_map(|lesson| SEEDS.flat_map(|seed| audit_solution(lesson, seed)))
            .collect()
    });
}

#[test]
fn every_right_way_completes_a_step_and_nothing_else_does() {
    every_lesson(|entry| {
        let lesson = lesson_of(entry);
        FEW_SEEDS.flat_map(|seed| audit_moves(&lesson, seed)).collect()
    });
}

#[test]
fn chapter_1_is_translated_and_no_translation_is_alone() {
    let catalogue = Catalogue::embedded();
    for entry in catalogue.playable() {
        assert_eq!(entry.languages.len() == 2, entry.number <= 3, "{}", entry.slug);
        let lesson = catalogue.lesson_in(&entry.slug, "de").expect("English stands in");
        assert_eq!(lesson.language, if entry.number <= 3 { "de" } else { "en" });
    }
}

#[test]
fn all_lessons_of_the_curriculum_are_there() {
    let catalogue = Catalogue::embedded();
    assert_eq!((catalogue.entries().count(), catalogue.playable().count()), (26, 26));
}

/// What is asked about one order in *State is a fold* is no figure, so no goal can look at it.
#[test]
fn order_296_was_paid_at_three() {
    let lesson = Catalogue::embedded().lesson("state-is-a-fold").expect("it is embedded");
    for seed in SEEDS {
        let mut run = Timeline::new(lesson.scenario.clone(), seed);
        run.run_until(Instant::from_secs(3_600));
        let order = Subject::parse("order-296").expect("it names an order");
        let story = run.why(&order).expect("it was placed").to_string();
        let begins = |time: &str, what: &str| {
            let told = |line: &str| line.contains(&format!("00:{time}")) && line.contains(what);
            assert!(story.lines().any(told), "seed {seed}: no '{what}' at {time} in {story}");
        };
        begins("14:48", "placed");
        begins("14:56", "payment published order-296 to order-events-1");
        begins("15:11", "shipping published order-296 to order-events-1");
    }
}

/// The text of all lessons leads to pages that are there.
#[test]
fn links_of_the_text_resolve() {
    let catalogue = Catalogue::embedded();
    let known = |to: &str| match Route::parse(to) {
        Route::Lesson(slug) => catalogue.entry(&slug).is_some(),
        Route::Nowhere(_) => to.starts_with("https://"),
        route => route.to_string() == to,
    };
    let lessons = catalogue.playable().flat_map(translations).collect::<Vec<_>>();
    let lines = lessons.iter().flat_map(|lesson| lesson.text.lines());
    let spans = lines.flat_map(|(_, spans)| spans);
    let links = spans.filter_map(|span| match span {
        Span::Link { to, .. } => Some(to.as_str()),
        _ => None,
    });
    let links: Vec<&str> = links.collect();
    assert!(links.contains(&"#/game-day"), "{links:?}");
    let dead: Vec<_> = links.into_iter().filter(|to| !known(to)).collect();
    assert!(dead.is_empty(), "{dead:?}");
    assert!(!known("#/lesson/nothing") && !known("#/nowhere"));
}

#[test]
fn the_template_is_a_whole_lesson() {
    let entry = Entry { number: 0, slug: "template".into(), title: "A template".into(), ..blank() };
    let files = files_in("template");
    no_faults(audit_files(&entry, &files));
    let lesson = Lesson::from_files("template", &files).unwrap_or_else(|error| panic!("{error}"));
    no_faults(SEEDS.flat_map(|seed| audit_solution(&lesson, seed)).collect());
    no_faults(FEW_SEEDS.flat_map(|seed| audit_moves(&lesson, seed)).collect());
}

fn blank() -> Entry {
    Catalogue::embedded().entries().next().expect("there are lessons").clone()
}

#[test]
fn every_question_of_the_interview_has_an_experiment_that_can_be_played() {
    let catalogue = Catalogue::embedded();
    let questions = catalogue.interview().unwrap_or_else(|error| panic!("{error}"));
    assert!(questions.len() >= 10);
    for question in questions {
        assert!(catalogue.entry(&question.lesson).is_some(), "{}", question.lesson);
        assert!(question.red_flags.len() >= 3, "{}", question.id);
        let mut run = question.timeline().unwrap_or_else(|why| panic!("{}: {why}", question.id));
        run.run_until(Instant::from_secs(120));
        assert!(run.world().observe().ledger.placed > 0, "{}", question.id);
    }
}

#[test]
fn doing_nothing_solves_no_lesson() {
    for lesson in lessons() {
        assert!(!play(&lesson, false).solved, "{}", lesson.slug());
        assert!(play(&lesson, true).solved, "{}", lesson.slug());
    }
}

#[test]
fn done_steps_survive_a_rewind_and_a_reload() {
    let lesson = Catalogue::embedded().lesson("the-chain").expect("it is embedded");
    let lesson = Rc::new(lesson);
    let mut session = Session::new(lesson.clone());
    let mut run = lesson.timeline();
    let mut saved = Saved::default();
    for second in 0..60 {
        run.run_until(Instant::from_secs(second));
        for progressed in session.observe(&run.world().observe()) {
            saved.step_done(lesson.slug(), &progressed.id);
        }
    }
    assert_eq!(session.index(), 1);
    run.seek(Instant::from_secs(1));
    assert!(session.observe(&run.world().observe()).is_empty());
    assert_eq!(session.index(), 1);
    let opened = Saved::from_json(&saved.to_json()).expect("it was written here");
    let standing = opened.saved.lesson(lesson.slug()).expect("a step is done");
    let resumed = Session::resume(lesson.clone(), &standing.done);
    assert_eq!(resumed.step().map(|step| step.id.as_str()), Some("slow-one"));
}

/// Looks at the run every second until `until`; true as soon as a step is done.
fn watch(run: &mut Timeline, session: &mut Session, until: Instant) -> bool {
    while run.now() < until {
        run.run_until((run.now() + Duration::from_secs(1)).min(until));
        if !session.observe(&run.world().observe()).is_empty() {
            return true;
        }
    }
    false
}

#[test]
fn a_learner_who_rewinds_all_the_time_gets_there_too() {
    for lesson in lessons().into_iter().map(Rc::new) {
        let mut run = lesson.timeline();
        let mut session = Session::new(lesson.clone());
        session.observe(&run.world().observe());
        for step in &lesson.document.steps {
            let began = run.now();
            let mut done = false;
            for next in &step.solution {
                let due = began + Duration::from_millis(next.at_ms);
                done = done || watch(&mut run, &mut session, due);
                run.seek(due);
                run.command(next.command.clone()).expect("the solution is allowed");
                // Back to before the step began, and forward over what was done already.
                run.seek(began - Duration::from_secs(3));
                done = !session.observe(&run.world().observe()).is_empty() || done;
                done = done || watch(&mut run, &mut session, due);
            }
            let limit = began + Duration::from_millis(2 * step.within_ms);
            done = done || watch(&mut run, &mut session, limit);
            assert!(done, "{}: {} after rewinding", lesson.slug(), step.id);
        }
        assert!(session.is_over());
    }
}

/// Tests of the checkers: each must find the fault that is put in front of it.
mod checkers_can_fail {
    use super::*;

    fn chain() -> (Entry, Files) {
        let catalogue = Catalogue::embedded();
        let entry = catalogue.entry("the-chain").expect("it is in the curriculum").clone();
        let files = files(&entry);
        (entry, files)
    }

    /// The files of lesson 1 with one change.
    fn changed(file: &str, from: &str, to: &str) -> (Entry, Files) {
        let (entry, mut files) = chain();
        let text = files.get_mut(file).expect("the file is there");
        assert!(text.contains(from), "{file} has no '{from}'");
        *text = text.replacen(from, to, 1);
        (entry, files)
    }

    fn lesson(files: &Files) -> Lesson {
        Lesson::from_files("lessons/changed", files).unwrap_or_else(|error| panic!("{error}"))
    }

    fn finds(faults: &[String], part: &str) {
        assert!(faults.iter().any(|fault| fault.contains(part)), "no '{part}' in {faults:#?}");
    }

    /// File, what is replaced, by what, and a part of the fault that is to be found.
    const DAMAGES: &[[&str; 4]] = &[
        ["en.md", "#### Hint 2", "#### Hint 4", "heading 'Steps > the-sum': 'Hint 2' is missing"],
        ["en.md", "## Quiz", "## Extra\n\nText.\n\n## Quiz", "'Extra'"],
        ["en.md", "### tenfold", "### eleven", "'tenfold' is missing"],
        ["en.md", "# The chain", "# A chain", "the title is 'A chain'"],
        ["en.md", "Press play and see", "Wait 5 s and see", "a figure without a claim"],
        ["en.md", "figure:/checkout", "figurine:/checkout", "neither a claim"],
        ["en.md", "Add up the times", "> Add up the times", "only headings"],
        ["lesson.json", "\"within_ms\"", "\"within\"", "field steps[0]"],
        [
            "lesson.json",
            "\"number\": 1,",
            "\"number\": 1, \"prerequisites\": [\"lag\"],",
            "no earlier lesson",
        ],
        ["lesson.json", "\"told\": \"slow\"", "\"told\": \"late\"", "which mistake is"],
        ["lesson.json", "\"told\": \"slow\"", "\"told\": \"late\"", "no wrong move shows 'slow'"],
        ["en.md", "## Out of scope", "## Not here", "'Out of scope' is missing"],
        ["lesson.json", "\"right\": \"sum\"", "\"right\": \"none\"", "the right one among them"],
        ["lesson.json", "/checkout/p50_ms", "/checkout/p51_ms", "no figure /checkout/p51_ms"],
        ["lesson.json", "\"kill\": [", "\"hit\": [", "unknown variant `hit`"],
        ["lesson.json", "/services/email/work", "/services/mail/work", "settings.email_ms"],
        ["lesson.json", "\"fixed_ms\": 500", "\"fixed\": 500", "unknown variant"],
        ["code/python.py", "{{email_ms}}", "{{mail_ms}}", "no setting 'mail_ms'"],
    ];

    #[test]
    fn a_file_that_is_wrong_is_named_with_the_place() {
        for [file, from, to, part] in DAMAGES {
            let (entry, files) = changed(file, from, to);
            finds(&audit_files(&entry, &files), part);
        }
    }

    #[test]
    fn a_missing_or_a_stray_file_is_named() {
        let (entry, mut files) = chain();
        files.insert("notes.txt".to_owned(), String::new());
        finds(&audit_files(&entry, &files), "01-the-chain/notes.txt");
        files.remove("notes.txt");
        files.remove("code/python.py");
        finds(&audit_files(&entry, &files), "01-the-chain/code/python.py");
    }

    #[test]
    fn a_figure_that_is_not_true_is_found() {
        let (_, files) = changed("en.md", "[3,100 ms](figure", "[3,200 ms](figure");
        let lesson = lesson(&files);
        let (_, record) = play_moves(&lesson, 1, Moves::Solution);
        finds(&audit_claims(&lesson, &record), "the text says '3,200 ms', the run says 3100");
        finds(&audit_claims(&lesson, &Record::default()), "did not complete");
    }

    #[test]
    fn a_figure_of_another_run_that_is_not_true_is_found() {
        for (claim, part) in [
            ("shop/1/checkout/failed", "the text says '3,100 ms', the run says 0"),
            ("shop/1/checkout/failing", "there is no figure shop/1/checkout/failing"),
            ("mall/1/checkout/failed", "there is no figure mall"),
        ] {
            let to = format!("[3,100 ms](run:{claim}");
            let (entry, files) = changed("en.md", "[3,100 ms](figure:/checkout/p50_ms", &to);
            finds(&audit_files(&entry, &files), part);
        }
    }

    #[test]
    fn a_solution_that_does_not_solve_is_found() {
        let (_, files) = changed("lesson.json", "\"percent\": 1000", "\"percent\": 200");
        finds(&audit_solution(&lesson(&files), 1), "the solution stops at step slow-one");
    }

    #[test]
    fn a_move_that_the_palette_forbids_is_found() {
        let (_, files) = changed("lesson.json", "\"slow\": [\"*\"]", "\"slow\": [\"email\"]");
        finds(&audit_solution(&lesson(&files), 1), "the palette does not allow");
    }

    #[test]
    fn a_goal_that_is_too_loose_is_found() {
        let (_, files) = changed("lesson.json", "\"at_least\": 4000", "\"at_least\": 3000");
        let lesson = lesson(&files);
        finds(&audit_solution(&lesson, 1), "step slow-one is done before it begins");
        let faults = audit_moves(&lesson, 1);
        finds(&faults, "step slow-one is completed by doing nothing");
        finds(&faults, "step slow-one is completed by a wrong move");
    }

    #[test]
    fn a_mistake_that_is_not_told_or_told_to_the_solution_is_found() {
        let slow = |percent: u32| format!("slow_percent\", \"at_least\": {percent}");
        let (_, files) = changed("lesson.json", &slow(101), &slow(5_000));
        finds(&audit_moves(&lesson(&files), 1), "step slow-one does not tell of");
        let (_, files) = changed("lesson.json", &slow(101), &slow(100));
        finds(&audit_solution(&lesson(&files), 1), "step slow-one: the solution is told 'no-work'");
    }

    #[test]
    fn a_lesson_that_rests_on_nothing_is_found() {
        let (entry, files) = chain();
        let second = Entry { number: 2, ..entry };
        finds(&audit_files(&second, &files), "which earlier lessons does it rest on?");
    }

    #[test]
    fn a_goal_that_is_too_strict_is_found() {
        let (_, files) = changed("lesson.json", "\"at_least\": 4000", "\"equals\": 4000");
        finds(&audit_moves(&lesson(&files), 1), "step slow-one is not completed by");
    }
}
