import { formatCount, words } from "../i18n/admin_words.ts";
import type { AdminState } from "../state/admin_state.ts";

/** The rooms that most people read. */
export function RoomsView({ desk }: { readonly desk: AdminState }) {
  const { rooms, total } = desk.rooms.value;
  const hidden = total - rooms.length;
  return (
    <section class="card" aria-labelledby="rooms-title">
      <h2 id="rooms-title">{words.value.rooms}</h2>
      {rooms.length === 0
        ? <p class="hint">{words.value.noRooms}</p>
        : (
          <div class="table rooms" tabIndex={0} role="group" aria-labelledby="rooms-title">
            <table>
              <thead>
                <tr>
                  <th scope="col">{words.value.room}</th>
                  <th scope="col">{words.value.people}</th>
                </tr>
              </thead>
              <tbody>
                {rooms.map(({ channel, present }) => (
                  <tr key={channel}>
                    <th scope="row" dir="auto">{channel.replace(/^room:/, "")}</th>
                    <td>{formatCount(present)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {hidden > 0 && <p class="hint">{words.value.moreRooms(formatCount(hidden))}</p>}
    </section>
  );
}
