/** The Unix time in ms at which a day begins here, given as in a field for dates; `undefined` if it is incomplete. */
export function startOf(day: string): number | undefined {
  // The years 0 to 99 are valid while a year is being typed.
  const time = new Date(`${day}T00:00`).getTime();
  return Number.isNaN(time) ? undefined : Math.max(0, time);
}

/** The Unix time in ms at which a day ends here. */
export function endOf(day: string): number | undefined {
  const date = new Date(`${day}T00:00`);
  // Not every day has 24 hours.
  date.setDate(date.getDate() + 1);
  const time = date.getTime();
  return Number.isNaN(time) ? undefined : Math.max(0, time);
}
