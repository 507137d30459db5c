import type { steps as english } from './en-steps.ts'

export const steps: typeof english = {
  first: {
    title: 'La première requête arrive sans cookie',
    text: 'Un navigateur qui n’est jamais venu n’a rien à présenter, et rien n’est cherché pour lui.',
    yours: 'Votre première requête',
    header: 'Votre requête apporte',
    none: 'aucun cookie de session',
    dead: 'un cookie qui ne mène nulle part',
  },
  asked: {
    title: 'Le programme demande la session',
    text: 'Il en reçoit une vide et peut y lire. Toujours rien n’est enregistré.',
    calls: 'Appels au stockage',
    records: 'Lignes dans la table',
    noneYours: count => `${count}, et aucune n’est à vous`,
  },
  token: {
    title: 'Le premier changement crée un jeton',
    text: 'Il y a maintenant quelque chose à retenir. Le serveur tire 32 octets au hasard : un secret pour ce seul navigateur.',
    yours: 'Votre jeton',
    size: 'Sa taille',
    length: characters => `32 octets, écrits en ${characters} caractères`,
  },
  id: {
    title: 'L’empreinte du jeton devient l’id',
    text: 'Le serveur garde le SHA-256 du jeton, pas le jeton. Qui lit la table ne peut pas prendre votre place.',
    yours: 'Jeton et id',
  },
  written: {
    title: 'La ligne est écrite',
    text: 'Elle est dans la table avant qu’un en-tête de la réponse ne parte. Si elle ne peut être écrite, le navigateur reçoit une erreur et pas de cookie.',
    payload: 'Vos données actuelles',
    bytes: count => `${count} octets`,
    version: 'Leur version actuelle',
  },
  sent: {
    title: 'Le cookie part',
    text: 'C’est alors seulement que part la réponse, avec le jeton. Les scripts ne peuvent pas lire le cookie, et les formulaires d’autres sites ne l’envoient pas.',
    yours: 'Votre cookie, tout neuf',
  },
  back: {
    title: 'La requête suivante rapporte le cookie',
    text: 'Le serveur recalcule l’id et lit la ligne : une seule lecture, quel que soit le nombre de demandes du programme.',
    cookie: 'Cette requête',
    same: same => (same ? '(l’id de votre ligne)' : '(pas l’id de votre ligne)'),
    reads: 'Lectures',
  },
  changed: {
    title: 'Un changement remplace exactement ce qui a été lu',
    text: 'Il n’est enregistré que sur la version qui a été lue. Si une autre requête a été plus rapide, le changement est refait sur la ligne plus récente, et les deux survivent. L’usage prolonge la session, mais sans écriture à chaque requête.',
    version: 'Version lue à présent',
    renewal: 'Prolongée au plus toutes les',
    next: 'Prochaine prolongation dès',
    never: 'aucune : la limite absolue est proche',
  },
  ended: {
    title: 'La fin',
    text: 'Se déconnecter supprime la ligne, et aucune requête encore en cours ne peut la ramener. Sinon le serveur termine la session de lui-même, quoi que dise le cookie.',
    logout: 'Se déconnecter',
    button: 'le bouton « Terminer cette session » ci-dessus',
    idle: 'Limite d’inactivité, si vous ne revenez pas',
    absolute: 'Limite absolue, dans tous les cas',
  },
}
