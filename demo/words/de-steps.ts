import type { steps as english } from './en-steps.ts'

export const steps: typeof english = {
  first: {
    title: 'Die erste Anfrage kommt ohne Cookie',
    text: 'Ein Browser, der noch nie hier war, hat nichts vorzuzeigen, und für ihn wird nichts nachgesehen.',
    yours: 'Ihre erste Anfrage',
    header: 'Ihre Anfrage bringt',
    none: 'kein Sitzungscookie',
    dead: 'ein Cookie, das nirgends hinführt',
  },
  asked: {
    title: 'Das Programm fragt nach der Sitzung',
    text: 'Es bekommt eine leere und darf darin lesen. Noch ist nichts gespeichert.',
    calls: 'Aufrufe des Speichers',
    records: 'Einträge in der Tabelle',
    noneYours: count => `${count}, und keiner davon ist Ihrer`,
  },
  token: {
    title: 'Die erste Änderung erzeugt ein Token',
    text: 'Jetzt gibt es etwas zu behalten. Der Server zieht 32 zufällige Bytes: ein Geheimnis für diesen einen Browser.',
    yours: 'Ihr Token',
    size: 'Seine Größe',
    length: characters => `32 Bytes, geschrieben in ${characters} Zeichen`,
  },
  id: {
    title: 'Der Hash des Tokens wird zur id',
    text: 'Der Server behält den SHA-256 des Tokens, nicht das Token. Wer die Tabelle liest, kann sich nicht als Sie ausgeben.',
    yours: 'Token und id',
  },
  written: {
    title: 'Der Eintrag wird geschrieben',
    text: 'Er steht in der Tabelle, bevor eine Kopfzeile der Antwort hinausgeht. Lässt er sich nicht schreiben, bekommt der Browser eine Fehlermeldung und kein Cookie.',
    payload: 'Ihre Daten jetzt',
    bytes: count => `${count} Bytes`,
    version: 'Ihre Version jetzt',
  },
  sent: {
    title: 'Das Cookie geht hinaus',
    text: 'Erst jetzt geht die Antwort ab, mit dem Token darin. Skripte können das Cookie nicht lesen, und Formulare anderer Seiten schicken es nicht mit.',
    yours: 'Ihr Cookie, als es neu war',
  },
  back: {
    title: 'Die nächste Anfrage bringt das Cookie zurück',
    text: 'Der Server berechnet wieder die id und liest den Eintrag: einmal, wie oft das Programm auch danach fragt.',
    cookie: 'Diese Anfrage',
    same: same => (same ? '(die id Ihres Eintrags)' : '(nicht die id Ihres Eintrags)'),
    reads: 'Lesevorgänge',
  },
  changed: {
    title: 'Eine Änderung ersetzt genau das Gelesene',
    text: 'Sie wird nur über die Version gespeichert, die gelesen wurde. War eine andere Anfrage schneller, wird die Änderung am neueren Eintrag noch einmal gemacht, und beide bleiben erhalten. Benutzung verlängert die Sitzung, aber nicht jede Anfrage schreibt dafür.',
    version: 'Jetzt gelesene Version',
    renewal: 'Verlängert höchstens alle',
    next: 'Nächste Verlängerung ab',
    never: 'keine mehr: die absolute Frist ist nah',
  },
  ended: {
    title: 'Das Ende',
    text: 'Eine Abmeldung löscht den Eintrag, und keine Anfrage, die noch läuft, bringt ihn zurück. Ohne sie beendet der Server die Sitzung von selbst, was immer das Cookie sagt.',
    logout: 'Abmeldung',
    button: 'oben der Knopf „Diese Sitzung beenden“',
    idle: 'Ruhefrist, wenn Sie wegbleiben',
    absolute: 'Absolute Frist, in jedem Fall',
  },
}
