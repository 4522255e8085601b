use super::*;

fn faults(text: &str) -> Vec<(u64, Fault)> {
    let faults = read(text).unwrap_err();
    faults
        .into_iter()
        .map(|row| (row.line, row.fault))
        .collect()
}

#[test]
fn the_shipped_table_has_no_fault() {
    let years = read(super::super::shipped::CSV).unwrap();
    assert_eq!(years.len(), 24);
    let provisional: Vec<&i32> = years
        .iter()
        .filter(|(_, year)| year.status == YearStatus::Provisional)
        .map(|(number, _)| number)
        .collect();
    assert_eq!(provisional, [&2027]);
    assert_eq!(years[&2026].days.len(), 39);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_line() {
    let text = "# a comment\nday,kind,name\n2027,OFFICIAL,\n2027-02-30,OFF,春节\n2027-01-01,HOLIDAY,元旦\n\
                2027-01-02,OFF,\n2028-01-01,OFF,元旦\n2027-01-04,WORK,元旦\n2027,PROVISIONAL,\n";
    assert_eq!(
        faults(text),
        [
            (4, Fault::Day),
            (5, Fault::Kind),
            (6, Fault::Name),
            (7, Fault::YearMissing),
            (8, Fault::WorkOnWeekday),
            (9, Fault::Twice),
        ]
    );
}

#[test]
fn a_table_without_columns_years_or_text_is_refused() {
    assert_eq!(faults(""), [(1, Fault::Columns)]);
    assert_eq!(faults("2027,OFFICIAL,\n"), [(1, Fault::Columns)]);
    assert_eq!(faults("day,kind,name\n"), [(0, Fault::Empty)]);
    assert_eq!(
        faults("day,kind,name\n2027,OFFICIAL,\n"),
        [(2, Fault::OfficialWithoutDays)]
    );
    assert_eq!(faults("day,kind,name\n1999,OFFICIAL,\n"), [(2, Fault::Day)]);
    assert_eq!(
        faults("day,kind,name\n2027,PUBLISHED,\n"),
        [(2, Fault::Status)]
    );
    assert_eq!(
        faults("day,kind,name\n2027,PROVISIONAL,\n2027-01-01,OFF,元旦,now\n"),
        [(3, Fault::Columns)]
    );
}

#[test]
fn a_mark_that_editors_put_in_front_is_no_fault() {
    let years = read("\u{feff}day,kind,name\r\n2027, PROVISIONAL,\r\n2027-01-01,OFF,元旦\r\n");
    assert_eq!(years.unwrap()[&2027].days.len(), 1);
}
